"""What every service's web side stands on: the application, errors, languages, safety, design."""
