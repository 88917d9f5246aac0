"""`checksums.json`: which model a folder has, and what each of its files is."""

from __future__ import annotations

import json
from pathlib import Path

from scripts.model.download import WrongBytes
from scripts.model.part import on_disk

NAME = "checksums.json"


class Record:
    def __init__(self, path: Path, repo: str, revision: str) -> None:
        self.path = path
        self.sha256: dict[str, str] = {}
        self._repo = repo
        self._revision = revision
        self._commit: str | None = None

    @classmethod
    def read(cls, folder: Path, repo: str, revision: str) -> Record:
        """The folder's record, or an empty one. WrongBytes if the folder has another model."""
        path = folder / NAME
        record = cls(path, repo, revision)
        with on_disk(path):
            try:
                told = json.loads(path.read_bytes())
                source = (str(told["repo"]), str(told["revision"]))
                record._commit = told.get("commit")
                record.sha256 = {str(name): str(sha) for name, sha in told["sha256"].items()}
            except FileNotFoundError:
                return record
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise WrongBytes(
                    f"{path} can't be understood: delete it to fetch the model afresh."
                ) from error
        if source != (repo, revision):
            raise WrongBytes(
                f"{folder} has {source[0]} at {source[1]}, not {repo} at {revision}: choose "
                "another folder, or empty this one."
            )
        return record

    def at(self, commit: str) -> None:
        """The branch is at `commit` now; it must be the one that the files here are of."""
        if self._commit not in (None, commit):
            raise WrongBytes(
                f"{self._revision} of {self._repo} has moved from {self._commit} to {commit} "
                f"since it was fetched. Ask for the revision {self._commit} in another folder to "
                f"stay with it, or delete {self.path} to take the new one."
            )
        self._commit = commit

    def add(self, name: str, sha256: str) -> None:
        if self.sha256.get(name) == sha256:
            return
        self.sha256[name] = sha256
        told = {
            "repo": self._repo,
            "revision": self._revision,
            "commit": self._commit,
            "sha256": dict(sorted(self.sha256.items())),
        }
        written = self.path.with_name(f"{NAME}.part")
        with on_disk(self.path):
            written.write_text(json.dumps(told, indent=2) + "\n")
            written.replace(self.path)
