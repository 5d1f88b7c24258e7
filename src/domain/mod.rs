//! The words of the trade: what is managed, what was heard, who may see it. No I/O, no clock.
