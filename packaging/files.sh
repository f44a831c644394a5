#!/usr/bin/env bash
# What is packed beside the binary: files.sh ASSAY FOLDER writes the manual page and the completions of ASSAY to FOLDER.
set -euo pipefail
assay=$1 folder=$2
mkdir -p "$folder"
"$assay" man >"$folder/assay.1"
"$assay" completions bash >"$folder/assay.bash"
"$assay" completions zsh >"$folder/_assay"
"$assay" completions fish >"$folder/assay.fish"
