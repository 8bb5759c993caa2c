# shellcheck shell=bash
# ./dev check: everything a program can say about the text of this project.

verb_check() {
    no_options "$@"
    want_packages build check
    local failed=() sources scripts objects
    mapfile -t sources < <(find src tests -name '*.[ch]' | sort)
    mapfile -t scripts < <(
        printf '%s\n' dev .ci/run
        find tools tests packaging -name '*.sh' | sort
    )

    say "formatting"
    clang-format --dry-run -Werror "${sources[@]}" || failed+=(formatting)
    say "layers and rules (tools/tidy)"
    /usr/bin/python3 tools/tidy --longest || failed+=(tidy)
    say "shell scripts"
    # 2317: what is called by a trap only looks unreachable to it.
    shellcheck -x -e SC2317 "${scripts[@]}" || failed+=(shellcheck)

    # Warnings are errors in both; a failed build ends here, since nothing below would be right.
    build_in build -Dfaults=true
    # What clang has to say it says of objects; nobody runs what would be linked of them.
    CC=clang configure build-clang -Dfaults=true -Ddebug=false
    mapfile -t objects < <(ninja -C build-clang -t targets all | sed -n 's/: c_COMPILER.*$//p')
    compile build-clang "${objects[@]}"
    say "clang-tidy"
    /usr/bin/python3 tools/dev/lint.py build-clang || failed+=(clang-tidy)

    [ ${#failed[@]} -eq 0 ] || die "check: not clean: ${failed[*]}"
    say "check: clean"
}
