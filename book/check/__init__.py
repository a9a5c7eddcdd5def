"""What forbids publishing."""
