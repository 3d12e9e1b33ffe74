"""The form engine: reads XForms as ODK means them and runs their logic. No I/O, no clock."""
