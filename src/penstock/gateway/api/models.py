"""Registered models with their versions."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from penstock.gateway.api.active import pairs, understanding
from penstock.gateway.api.answers import refusals
from penstock.gateway.api.envelope import Success
from penstock.gateway.api.mlflow_errand import Errand, errand_of
from penstock.gateway.api.model_filters import parse_filters
from penstock.gateway.api.model_pages import Found, ModelSearch, Position
from penstock.gateway.api.model_versions import Version, read_versions
from penstock.gateway.api.signature import Signature, specification
from penstock.gateway.api.signatures import Signatures

router = APIRouter(tags=["Models"])

MOST_MODELS: Final = 100
MOST_QUERY: Final = 4_000

SPECIFICATION: Final = [{"type": "double", "name": "age", "required": True}]


class ModelVersion(BaseModel):
    """A version. `inputs` and `outputs` are its signature's; `created_at` in milliseconds."""

    name: str = Field(examples=["churn"])
    version: str = Field(examples=["3"])
    run_id: str | None = Field(examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"])
    source: str = Field(examples=["runs:/0f1e2d3c4b5a69788796a5b4c3d2e1f0/model"])
    inputs: list[dict[str, Any]] = Field(examples=[SPECIFICATION])
    outputs: list[dict[str, Any]] = Field(examples=[[{"type": "long", "required": True}]])
    tags: dict[str, str] = Field(examples=[{"team": "growth"}])
    created_at: int = Field(examples=[1767225600000])


class Model(BaseModel):
    """A registered model, its newest version first."""

    name: str = Field(examples=["churn"])
    versions: list[ModelVersion]


class Models(Success):
    """A page of registered models, by name. `next_page_token` is null on the last one."""

    next_page_token: str | None = Field(examples=[None])
    data: list[Model]


@router.get("/v1/models", responses=refusals(400, 504))
async def search_models(
    request: Request,
    filters: Annotated[
        str | None,
        Query(
            max_length=MOST_QUERY,
            description="JSON: a part of the name, and tags with their whole values.",
            examples=['{"name": "churn", "tags": {"team": "growth"}}'],
        ),
    ] = None,
    page_token: Annotated[
        str | None,
        Query(
            max_length=MOST_QUERY,
            description="`next_page_token` of the page before, with the same filters and size.",
        ),
    ] = None,
    page_size: Annotated[
        int, Query(ge=1, le=MOST_MODELS, description="How many models at most.")
    ] = 10,
) -> Models:
    """Return the registered models that the caller may read, with their versions.

    Names and tags are compared exactly, in the same case. A page costs at most 10 searches for
    models, 1 search for the versions of each, and 200 reads of `MLmodel` files; it may be shorter
    than asked, then with a token to go on. Of a model with more than 200 versions the newest 200
    are shown.
    """
    search = ModelSearch(parse_filters(filters), page_size)
    start = search.read_token(page_token) if page_token else Position()
    errand = errand_of(request)
    with understanding():
        page = await search.read(errand, start)
        shown = (await read_versions(errand, page.found)).shown(page.found)
        following = page.following
        if len(shown) < len(page.found):
            following = page.found[len(shown)].position
        return Models(
            next_page_token=None if following is None else search.write_token(following),
            data=await _described(request.app.state.signatures, errand, shown),
        )


async def _described(
    signatures: Signatures, errand: Errand, shown: list[tuple[Found, list[Version]]]
) -> list[Model]:
    read = await signatures.read(errand, [one for _, versions in shown for one in versions])
    waiting = iter(read)
    return [
        Model(name=model.name, versions=[_version(one, next(waiting)) for one in versions])
        for model, versions in shown
    ]


def _version(version: Version, signature: Signature) -> ModelVersion:
    return ModelVersion(
        name=version["name"],
        version=str(version["version"]),
        run_id=version.get("run_id") or None,
        source=version.get("source", ""),
        inputs=specification(signature.inputs),
        outputs=specification(signature.outputs),
        tags=pairs(version, "tags"),
        created_at=int(version.get("creation_timestamp", 0)),
    )
