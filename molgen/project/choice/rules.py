"""The rules by name."""

from molgen.project.choice.base import ChoiceRule
from molgen.project.choice.greedy import GreedyDiverse
from molgen.project.choice.informative import Informative
from molgen.project.choice.probability_of_best import ProbabilityOfBest
from molgen.project.choice.random import AtRandom
from molgen.project.choice.thompson import Guess, Thompson
from molgen.project.choice.ucb import UpperConfidenceBound

DEFAULT = "careful_thompson"
RULES: dict[str, ChoiceRule] = {
    "probability_of_best": ProbabilityOfBest(),
    "careful_thompson": Thompson((Guess(0.1), Guess(0.9), Guess(0.0, kappa=0.5)), jointly=False, learn=48),
    "thompson": Thompson(),
    "ucb": UpperConfidenceBound(),
    "greedy": GreedyDiverse(),
    "informative": Informative(),
    "random": AtRandom(),
}
