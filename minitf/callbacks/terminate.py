"""TerminateOnNaN: do not go on with a training that is lost."""

from __future__ import annotations

import math

from minitf.callbacks.callback import Callback, Logs
from minitf.errors import NumericsError


class TerminateOnNaN(Callback):
    """Stop training when the loss is NaN or infinite.

    Parameters
    ----------
    raise_error : bool
        Whether to raise an error, instead of letting `fit` end.

    Raises
    ------
    NumericsError
        With `raise_error`.

    See Also
    --------
    tf.debugging.enable_check_numerics : finds the operation that it began with.
    """

    def __init__(self, raise_error: bool = False):
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Look at the loss."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise NumericsError(
                f"TerminateOnNaN: the loss is {loss} at batch {batch}; "
                "tf.debugging.enable_check_numerics() finds the operation that it begins with"
            )
        print(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
