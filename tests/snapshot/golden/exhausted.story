1
thread 0: call stack exhausted
