"""Education KPIs: the KORYXA funnels and Deep Knowledge Tracing, as a plugin of kpisdk."""
