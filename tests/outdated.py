"""Makes a worker of Dask one that has another kgpress, when it imports this first."""

import kg

kg.__version__ = "0.0.9"
