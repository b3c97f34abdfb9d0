"""Whatever changes something of a company or an application: the module is the noun, the function the verb."""
