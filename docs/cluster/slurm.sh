#!/usr/bin/env bash
# Ray on the nodes of an allocation, and a campaign on it:
#   sbatch docs/cluster/slurm.sh scoring=my_goal.yaml campaign.folder=runs/mine
# A job that ran into its time limit goes on with: sbatch docs/cluster/slurm.sh resume=runs/mine
#SBATCH --job-name=molgen
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=32
#SBATCH --time=12:00:00
set -euo pipefail
export RAY_USAGE_STATS_ENABLED=0 OMP_NUM_THREADS=1
source .venv/bin/activate
export RAY_AUTH_MODE=token RAY_AUTH_TOKEN # of this job: its nodes have it from srun, other users of these machines don't
RAY_AUTH_TOKEN=$(python -c 'import secrets; print(secrets.token_hex(32))')

head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
port=$((20000 + SLURM_JOB_ID % 20000))

srun --nodes=1 --ntasks=1 --nodelist="$head" ray start --head --port="$port" --num-cpus="$SLURM_CPUS_PER_TASK" --block &
sleep 20
if ((SLURM_JOB_NUM_NODES > 1)); then
    srun --nodes=$((SLURM_JOB_NUM_NODES - 1)) --ntasks=$((SLURM_JOB_NUM_NODES - 1)) --exclude="$head" \
        ray start --address="$head:$port" --num-cpus="$SLURM_CPUS_PER_TASK" --block &
    sleep 20
fi

settings=("$@")
[[ "${1:-}" == resume=* ]] || settings+=(cluster=existing "cluster.address=auto")
srun --overlap --nodes=1 --ntasks=1 --nodelist="$head" env RAY_ADDRESS="$head:$port" molgen design "${settings[@]}"
