"""A client for conformance harnesses: drives a running program by GraphQL, from this machine or another one."""
