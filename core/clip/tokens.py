"""Words as the text tower reads them: token ids, as many as there are and no padding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from core.errors import ModelRefused

TokenIds = npt.NDArray[np.int64]


class Tokens:
    def __init__(self, file: Path, context: int) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(file))
        except Exception as error:  # the library raises plain Exception
            raise ModelRefused(f"{file} is no tokenizer ({error}): get the model again.") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(context)

    def read(self, text: str) -> tuple[TokenIds, bool]:
        """The ids [1, n], and whether the text went on beyond what the model reads."""
        # Half a surrogate pair, as broken JSON escapes leave behind, can't be UTF-8.
        encoding = self._tokenizer.encode(text.encode("utf-8", "replace").decode())
        return np.asarray([encoding.ids], np.int64), bool(encoding.overflowing)
