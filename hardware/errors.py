"""What can go wrong between the node and a device."""


class DeviceError(Exception):
    """The device gave no reading this time; the last good one stays, and ages."""


class DeviceUnreachableError(DeviceError):
    """No answer in time, or none at all."""


class DeviceUnintelligibleError(DeviceError):
    """It answered what cannot be read."""
