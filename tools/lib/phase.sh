# Sourced by tools/demo and tools/test: one line a phase with its time; its output goes to build/log/ and is shown only
# when the phase fails.

phase() {  # NAME COMMAND...
  local name=$1 log="build/log/${1// /-}.log" started=$SECONDS
  shift
  mkdir -p build/log
  printf '%-20s' "$name" >&2
  if "$@" >"$log" 2>&1; then
    echo "$((SECONDS - started)) s" >&2
  else
    echo "FAILED after $((SECONDS - started)) s; the end of $log:" >&2
    tail -n 40 "$log" >&2
    return 1
  fi
}
