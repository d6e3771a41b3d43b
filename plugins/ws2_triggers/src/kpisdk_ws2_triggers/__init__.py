"""WS2: eight KPIs of the triggers that are sent to sales representatives."""
