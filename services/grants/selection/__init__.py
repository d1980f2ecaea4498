"""Selection: what a decision does to an application, its announcement at one hour, objections, the reserve list."""
