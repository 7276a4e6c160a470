"""What we claim about speed, as commands: `./meton bench [NAME]`, one module a name; figures in docs/performance.md."""
