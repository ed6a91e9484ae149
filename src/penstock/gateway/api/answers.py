"""The error answers that `/v1`'s document tells of. Pure."""

from typing import Any, Final

from pydantic import BaseModel, Field


class Refusal(BaseModel):
    """Why a call is not answered as asked, and what to do next."""

    detail: str = Field(examples=["this takes MANAGE on experiment 'churn'; ask who manages it"])


MEANINGS: Final = {
    400: ("Something in the request is wrong.", "page_size: Input should be less than 101"),
    401: ("No proof of identity, or a wrong one.", "log in first"),
    403: ("You may see it, but not do this.", "this takes EDIT on experiment 'churn'"),
    404: ("There is no such thing, or you may not see it.", "No Experiment with id=12 exists"),
    409: ("The name is taken.", "the name is taken; choose another"),
    412: ("It has changed since you read it.", "revision 4 has been replaced; read it again"),
    413: ("The body is too large.", "the body of the request is larger than 16777216 bytes"),
    415: ("The body is compressed.", "send the JSON body of this call without Content-Encoding"),
    422: ("The body has a wrong form.", "experiment_name: Field required"),
    428: ("`If-Match` is missing.", "send If-Match with the revision that you have read"),
    429: ("Too many wrong logins; wait as `Retry-After` says.", "try again in 30 seconds"),
    503: ("MLflow or the database does not answer; try again.", "MLflow cannot be reached"),
    504: ("MLflow takes too long; try again.", "MLflow did not answer within 60 seconds"),
}
"""What a status means on `/v1`, with an example of its `detail`."""


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the error answers of one call, for its row in the document.

    Those that follow from who may call it, and from its having a body, are added there.
    """
    return {status: refusal_answer(status) for status in statuses}


def refusal_answer(status: int) -> dict[str, Any]:
    """Return what the document says of one status."""
    description, example = MEANINGS[status]
    content = {"example": {"detail": example}}
    return {"model": Refusal, "description": description, "content": {"application/json": content}}
