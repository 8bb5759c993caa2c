# shellcheck shell=bash
# What several verbs of ./dev share: words, packages, building. Sourced by ./dev; needs $root and $tools.

say() { printf 'dev: %s\n' "$*" >&2; }

die() {
    printf 'dev: %s\n' "$*" >&2
    exit 1
}

no_options() { [ $# -eq 0 ] || die "this verb takes no '$1'"; }

# option_value NAME VALUE...: the value that must follow option NAME.
option_value() {
    [ $# -ge 2 ] || die "$1 needs a value"
    printf '%s\n' "$2"
}

# --- packages ---

packages_of() {
    awk -v purpose="$1" '$1 == purpose { print $2 }' "${tools:?}/packages.txt"
}

package_is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# want_packages PURPOSE...: installs what is missing for these purposes, or says what to type.
want_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        die "this script knows only Debian's packages; install what docs/dependencies.md lists"
    fi
    local purpose package missing=()
    for purpose in "$@"; do
        for package in $(packages_of "$purpose"); do
            package_is_installed "$package" || missing+=("$package")
        done
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    local command="apt-get install --no-install-recommends ${missing[*]}" as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "packages are missing; as root, type: $command"
        as_root=(sudo)
        # Without a terminal nobody can answer a question for a password.
        [ -t 0 ] || as_root=(sudo -n)
        "${as_root[@]}" true || die "packages are missing; type: sudo $command"
    fi
    say "installing ${missing[*]}"
    if ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
        "${as_root[@]}" apt-get update -q || die "apt-get update failed; then type: $command"
    fi
    keep_main_cluster_away
    if ! apt_install "${missing[@]}"; then
        say "the package lists may be old: apt-get update"
        "${as_root[@]}" apt-get update -q || die "apt-get update failed; then type: $command"
        apt_install "${missing[@]}" || die "could not install; type: $command"
    fi
}

# The lock of another apt that is running is waited for.
apt_install() {
    local status=0
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -q -y \
        --no-install-recommends "$@" </dev/null || status=$?
    [ -z "${cluster_note-}" ] || "${as_root[@]}" rm -f -- "$cluster_note"
    return $status
}

# Debian's PostgreSQL makes and starts a cluster when it is installed. Nobody asked for one: the tests make
# their own. Where PostgreSQL is there already, nothing is touched.
keep_main_cluster_away() {
    cluster_note=''
    case " ${missing[*]} " in *" postgresql-15 "*) ;; *) return 0 ;; esac
    ! package_is_installed postgresql-common || return 0
    cluster_note=/etc/postgresql-common/createcluster.d/counterfoil.conf
    "${as_root[@]}" mkdir -p "${cluster_note%/*}"
    echo "create_main_cluster = false" | "${as_root[@]}" tee "$cluster_note" >/dev/null
}

# --- building ---

# configure DIR [meson options]: once; a directory whose set-up was interrupted is made again.
configure() {
    local dir=$1
    shift
    [ ! -f "$dir/build.ninja" ] || return 0
    [ ! -e "$dir" ] || rm -rf -- "$dir"
    say "configuring $dir"
    local log
    log=$(mktemp)
    if ! meson setup "$@" "$dir" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f -- "$log"
        die "meson could not configure $dir"
    fi
    rm -f -- "$log"
}

# compile DIR [targets]
compile() {
    local dir=$1 log
    shift
    say "building $dir"
    if [ -t 1 ]; then
        ninja -C "$dir" "$@" || die "the build failed"
    else
        log=$(mktemp)
        if ! ninja -C "$dir" "$@" >"$log" 2>&1; then
            grep -vE '^\[[0-9]+/[0-9]+\] ' "$log" >&2
            rm -f -- "$log"
            die "the build failed"
        fi
        rm -f -- "$log"
    fi
    [ ! -f "$dir/src/cli/counterfoil" ] || ln -sfn src/cli/counterfoil "$dir/counterfoil"
}

# build_in DIR [meson options]
build_in() {
    configure "$@"
    compile "$1"
}

# The program as it would be installed: optimised, and without the faults that tests may ask for.
build_release() {
    configure build-release --buildtype=release -Dfaults=false
    compile build-release src/cli/counterfoil
}

# fresh_dir NAME: a new directory .dev/NAME-XXXXXX, readable by its owner only; printed.
fresh_dir() {
    mkdir -p .dev
    mktemp -d ".dev/$1-XXXXXX"
}
