"""Services, applications and their receipts."""
