"""KPIs without Python: from YAML or TOML to the records that plugins yield."""
