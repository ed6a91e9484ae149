from lolpop.component.model_deployer.base_model_deployer import BaseModelDeployer


class DeskDeployer(BaseModelDeployer):
    def deploy_model(self, promotion, model_version, *args, **kwargs):
        self.metadata_tracker.log_metadata(model_version, id="status", data="DEPLOYED")
        return model_version
