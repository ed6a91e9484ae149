"""Tables as MLflow logs them: JSON or Parquet files, made and read by pandas."""

from collections.abc import Callable
from io import BytesIO
from posixpath import splitext
from typing import Any

from penstock.errors import UnsuitableObject
from penstock.rest.artifacts.images import is_image
from penstock.rest.artifacts.libraries import load_library
from penstock.rest.artifacts.paths import safe_path

ADVICE = "pip install 'penstock[pandas]'"
FORBIDDEN = "\"',:[]{}"
JSON_ENDING, PARQUET_ENDING = ".json", ".parquet"


def load_pandas() -> Any:  # noqa: ANN401 - pandas, if it is there
    """Return pandas. Raises MissingLibrary without it."""
    return load_library("pandas", ADVICE)


def checked_table_file(file: str) -> str:
    """Return the path of a table in its shortest form. Raises UnsuitableObject."""
    found = sorted(set(FORBIDDEN) & set(file))
    if found:
        raise UnsuitableObject(f"the path of a table must not hold {' '.join(found)}: '{file}'")
    if not file.endswith((JSON_ENDING, PARQUET_ENDING)):
        raise UnsuitableObject(f"the path of a table must end in .json or .parquet: '{file}'")
    return safe_path(file)


def as_frame(table: Any) -> Any:  # noqa: ANN401 - of pandas
    """Return a new DataFrame of a dictionary of columns, of one row, or of a DataFrame."""
    pandas = load_pandas()
    if isinstance(table, pandas.DataFrame):
        return table.copy(deep=False)
    if not isinstance(table, dict):
        raise UnsuitableObject(f"a table must be a DataFrame or a dictionary, not {type(table)}")
    try:
        return pandas.DataFrame(table)
    except ValueError:
        # Values that are no columns are the cells of one row.
        return pandas.DataFrame([table])


def replace_images(frame: Any, store: Callable[[Any], dict[str, str]]) -> None:  # noqa: ANN401 - of pandas
    """Put what `store` returns in the place of each image. Raises UnsuitableObject for a mix."""
    for column in frame.columns:
        are_images = [is_image(value) for value in frame[column]]
        if any(are_images) and not all(are_images):
            raise UnsuitableObject(
                f"column '{column}' holds images and other things; put them into two columns"
            )
        if are_images and all(are_images):
            frame[column] = [store(value) for value in frame[column]]


def join_frames(frames: list[Any]) -> Any:  # noqa: ANN401 - of pandas
    """Return the rows of all, numbered anew."""
    return load_pandas().concat(frames, ignore_index=True)


def write_table(frame: Any, file: str) -> bytes:  # noqa: ANN401 - of pandas
    """Return a DataFrame as JSON or Parquet, by the ending of the file."""
    try:
        if splitext(file)[1] == PARQUET_ENDING:
            content: bytes = frame.to_parquet(index=False)
            return content
        text: str = frame.to_json(orient="split", index=False, date_format="iso")
    except Exception as error:
        raise UnsuitableObject(f"the table cannot be written to '{file}': {error}") from error
    return text.encode()


def read_table(content: bytes, file: str) -> Any:  # noqa: ANN401 - of pandas
    """Return the DataFrame in a file. Raises UnsuitableObject when it holds none."""
    pandas = load_pandas()
    try:
        if splitext(file)[1] == PARQUET_ENDING:
            return pandas.read_parquet(BytesIO(content))
        return pandas.read_json(BytesIO(content), orient="split")
    except Exception as error:
        raise UnsuitableObject(f"there is no table in '{file}': {error}") from error
