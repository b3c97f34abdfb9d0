"""What pages about programmes show, as strings and rows ready to draw."""
