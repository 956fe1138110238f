"""What the people who run the platform tell its operators, on their pages and by GraphQL."""
