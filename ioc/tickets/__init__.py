"""Work that units do: who is responsible, what may be done with a ticket, and against which clock. Pure: no I/O."""
