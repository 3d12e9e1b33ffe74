"""How much a neighbour's request may hold. What is longer is turned away unread."""

from localservices.verification import strict_json
from localservices.verification.neighbours import pace

BODY_BYTES_MAX = strict_json.BYTES_MAX  # ten mobile documents with their portraits
PAYLOADS_MAX = 100  # a busload

assert PAYLOADS_MAX <= pace.BURST  # or such a list would never have its turn
