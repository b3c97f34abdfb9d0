"""Pages: fetch what is visible, form, action, message, redirect."""
