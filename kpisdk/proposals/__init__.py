"""What the tables and columns of somebody's source seem to be, and how sure that is."""
