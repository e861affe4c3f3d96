1
thread 0: integer divide by zero
