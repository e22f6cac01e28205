"""GraphQL over the same services as REST: the types, what they load, and the limits of a document."""
