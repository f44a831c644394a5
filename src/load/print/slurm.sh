#!/bin/bash
#SBATCH --job-name=assay-load
#SBATCH --array=1-@WORKERS@
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --no-requeue
#SBATCH --output=assay-load-%A-%a.log
# Submit it with `sbatch`. When all tasks are over: assay report assay-load-JOB/worker-*
exec assay load @ARGUMENTS@ --start-at @START@ \
  --output "assay-load-$SLURM_ARRAY_JOB_ID/worker-$SLURM_ARRAY_TASK_ID"
