"""The commands of this plugin, a file each."""
