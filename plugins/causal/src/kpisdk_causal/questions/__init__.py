"""What can be asked, and by which rules it is answered."""
