"""The shape of `/v1`'s answers."""

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

T = TypeVar("T")


class Success(BaseModel):
    """Done; nothing to return."""

    status: Literal["SUCCESS"] = "SUCCESS"


class Done(Success):
    """Done, in words."""

    message: str


class Result(Success, Generic[T]):
    """Done, with the result under `data`."""

    data: T
