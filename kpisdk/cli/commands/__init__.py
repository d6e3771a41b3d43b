"""The core's commands, a file each."""
