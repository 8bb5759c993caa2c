# shellcheck shell=bash
# ./dev install: PREFIX (/usr/local) and SYSCONFDIR (/etc) say where to, DESTDIR puts all of it below a folder.

verb_install() {
    no_options "$@"
    want_packages build
    build_release
    local prefix=${PREFIX:-/usr/local} etc=${SYSCONFDIR:-/etc} dest=${DESTDIR-} share doc file
    share=$prefix/share
    doc=$share/doc/counterfoil

    put 0755 build-release/counterfoil "$prefix/bin/counterfoil"
    put_text 0644 "$share/bash-completion/completions/counterfoil" < <(build-release/counterfoil completion)
    put_text 0644 "$prefix/lib/systemd/system/counterfoil.service" < <(
        sed -e "s|@BINDIR@|$prefix/bin|; s|@SYSCONFDIR@|$etc|; s|@DOCDIR@|$doc|" packaging/counterfoil.service
    )
    put 0644 packaging/counterfoil.sysusers "$prefix/lib/sysusers.d/counterfoil.conf"
    put 0644 packaging/counterfoil.tmpfiles "$prefix/lib/tmpfiles.d/counterfoil.conf"
    # In their folders, so that the links between them lead somewhere.
    for file in *.md LICENSE docs/*.md docs/*/*.md bench/README.md; do
        put 0644 "$file" "$doc/$file"
    done
    put 0644 packaging/counterfoil.ini "$doc/counterfoil.ini"
    if [ -e "$dest$etc/counterfoil/counterfoil.ini" ]; then
        say "kept $dest$etc/counterfoil/counterfoil.ini as it is"
    else
        put 0644 packaging/counterfoil.ini "$etc/counterfoil/counterfoil.ini"
    fi

    [ -z "$dest" ] || return 0
    say "next: systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload"
    say "then edit $etc/counterfoil/counterfoil.ini, counterfoil doctor, systemctl enable --now counterfoil"
}

# put MODE FROM TO
put() {
    say "$dest$3"
    install -D -m "$1" -- "$2" "$dest$3" || die "cannot write $dest$3; run it as root, or set DESTDIR or PREFIX"
}

# put_text MODE TO < text
put_text() {
    local text
    text=$(mktemp)
    cat >"$text"
    put "$1" "$text" "$2"
    rm -f -- "$text"
}
