"""Photos from strangers' addresses. Whoever names one would have us look where only we can, or wait
for what never ends: nothing here trusts the address, the names' servers, or the answer."""
