# Sourced by the commands in this folder: where a JDK 17 and Maven are, and how to get them.

# say TEXT… : a line for the person, on standard error.
say() { printf '%s\n' "$*" >&2; }

# fail CODE TEXT… : say it and end.
fail() {
  local code=$1
  shift
  say "$@"
  exit "$code"
}

# is_17 HOME : true where HOME holds a Java 17, told by its release file, or by itself where it has none.
is_17() {
  local key value
  [[ -x $1/bin/java ]] || return 1
  if [[ -r $1/release ]]; then
    while IFS='=' read -r key value; do
      [[ $key != JAVA_VERSION ]] || { [[ $value == '"17"' || $value == '"17.'* ]]; return; }
    done <"$1/release"
  fi
  [[ $("$1/bin/java" -version 2>&1) == *'version "17'[.\"]* ]]
}

# find_jdk : sets `jdk` to the home of a JDK 17: JAVA_HOME, the java on the PATH, then where systems put them.
find_jdk() {
  local home java
  jdk=
  if [[ -n ${JAVA_HOME:-} ]] && is_17 "$JAVA_HOME"; then
    jdk=$JAVA_HOME
    return
  fi
  if java=$(command -v java); then
    java=$(readlink -f "$java")
    home=${java%/bin/java}
    if is_17 "$home"; then
      jdk=$home
      return
    fi
  fi
  for home in ${TRIBUTARY_JDKS:-/usr/lib/jvm/* /usr/java/* /opt/java/* "$HOME"/.sdkman/candidates/java/* \
    "$HOME"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home}; do
    if is_17 "$home"; then
      jdk=$home
      return
    fi
  done
  return 1
}

# other_java : names the Java that was found instead, for a message.
other_java() {
  local java
  java=$(command -v java) || { printf 'there is none'; return; }
  printf 'the java on the PATH is %s' "$("$java" -version 2>&1 | sed -n '1s/.*version "\([^"]*\)".*/\1/p')"
}

# install PACKAGE… : with apt, where this user may; false where not.
install() {
  [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || return 1
  say "Installing $* with apt-get."
  { [[ -n ${apt_updated:-} ]] || apt-get update -q; } >&2 && apt_updated=yes
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2 </dev/null
}

# python_environment FOLDER FILE… : a Python environment with what the requirements files say; made again when they change.
python_environment() {
  local folder=$1 digest
  shift
  digest=$(cat "$@" | sha256sum)
  [[ ! -f $folder/requirements.sha256 || $(<"$folder/requirements.sha256") != "$digest" ]] || return 0
  command -v python3 >/dev/null || install python3 || fail 2 "Cannot prepare Python: there is none. Install python3."
  python3 -c 'import ensurepip, venv' 2>/dev/null || install python3-venv ||
    fail 2 "Cannot prepare Python: its venv is missing. Install it (Debian, Ubuntu: apt-get install python3-venv)."
  say "Preparing Python in $folder."
  python3 -m venv --clear "$folder" &&
    "$folder/bin/python" -m pip install -q "${@/#/--requirement=}" </dev/null &&
    echo "$digest" >"$folder/requirements.sha256"
}

# tools_environment ROOT : prints the folder of the Python environment with what tests and a local Airflow need.
tools_environment() {
  local root=$1 folder=$1/target/python wanted=("$1/airflow-dags/requirements.txt")
  [[ ! -f $root/bin/requirements.txt ]] || wanted+=("$root/bin/requirements.txt")
  if [[ ! -w $root ]]; then # installed for many: each user has one
    folder=${XDG_CACHE_HOME:-$HOME/.cache}/tributary/python
  fi
  mkdir -p "${folder%/*}"
  (
    if command -v flock >/dev/null; then
      exec 9>"$folder.lock"
      flock 9
    fi
    python_environment "$folder" "${wanted[@]}" >&2 9>&-
  ) || return 1
  echo "$folder"
}

# use_utf8 : file names and texts are UTF-8, also where the locale says nothing.
use_utf8() {
  case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
    *[Uu][Tt][Ff]*8) ;;
    *) export LC_ALL=C.UTF-8 ;;
  esac
}
