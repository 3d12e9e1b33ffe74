"""Where the centre stands, told to central at each start: by it alerts find their way here."""

import logging

from edge.config import Config
from sync.store.errors import StoreFullError
from sync.store.store import Store
from sync.wire.kinds.alert import CentrePlaced

log = logging.getLogger(__name__)


def tell(config: Config, store: Store) -> None:
    """Write it down where the settings say it; a full disk puts it off to the next start."""
    if config.place is None:
        return
    lat_e5, lon_e5 = config.place.point.e5
    try:
        store.write(CentrePlaced(lat_e5, lon_e5, config.place.katottg))
    except StoreFullError:
        log.warning("where the centre stands is not told: the disk is full")
