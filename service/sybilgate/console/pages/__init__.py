"""One module for each page: it asks the service, makes what the template shows, and does what a form says."""
