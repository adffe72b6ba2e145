"""The errors a person may see: one line that says what, where, and what to do."""


class PipelineError(Exception):
    """The work failed. Its text is shown as it stands; exit code 1."""

    exit_code = 1


class UsageError(PipelineError):
    """The command was asked for something that cannot be: a wrong path, key or value; exit code 2."""

    exit_code = 2


class InUse(PipelineError):
    """Another command has the dataset."""
