"""A command of kpisdk: who has to look at which KPI."""
