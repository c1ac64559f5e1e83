"""The engine of the generated panel: FAB's model views and REST made fit for a million rows. Knows nothing of water.

`StaffModelView` and `StaffModelRestApi` are the only bases; a view declares its columns and nothing else.
`pages.py` holds what the templates are given.
"""
