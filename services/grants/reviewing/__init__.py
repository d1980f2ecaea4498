"""Who reviews an application, in what they have an interest, and what they say of it."""
