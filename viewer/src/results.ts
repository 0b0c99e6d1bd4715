// Written by tools/write_result_types.py from docs/schema: do not edit.

/** whyclip classification 1 */
export interface Classification {
  format: "whyclip classification 1";
  model: {
    /** the checkpoint's name */
    name: string;
    /** logit = this × cosine similarity */
    logit_scale: number;
  };
  /** in the order of the call */
  images: ({
    /** as the caller named it */
    path: string;
    /** the highest logit first */
    prompts?: ({
      text: string;
      /** null if the prompt belongs to no class */
      class: string | null;
      /** cosine */
      similarity: number;
      logit: number;
      /** softmax over all prompts */
      probability: number;
    })[];
    /** the highest logit first; empty if only prompts were given */
    classes?: {
      name: string;
      /** cosine */
      similarity: number;
      logit: number;
      /** softmax over the classes */
      probability: number;
    }[];
    /** about a damaged image */
    warnings?: string[];
    /** why there are no scores */
    error?: string | null;
  })[];
  /** entries of folders that are not images */
  skipped: {
    path: string;
    reason: string;
  }[];
  /** name and value, for the reader */
  settings: [string, string][];
  /** for the reader */
  notes: string[];
}

/** whyclip comparison 1 */
export interface Comparison {
  format: "whyclip comparison 1";
  model: {
    /** the checkpoint's name */
    name: string;
    /** logit = this × cosine similarity */
    logit_scale: number;
  };
  image: {
    /** as the caller named it: a path */
    name: string;
    /** pixels, upright */
    width: number;
    /** pixels, upright */
    height: number;
    /** the whole image instead of the centre crop */
    whole: boolean;
    /** pixels that the model reads */
    input_width: number;
    /** pixels that the model reads */
    input_height: number;
    /** pixels of the model's input */
    patch_size: number;
    /** the patch grid */
    grid: {
      rows: number;
      columns: number;
      /** where the patches lie, in pixels of the image */
      area: {
        left: number;
        top: number;
        width: number;
        height: number;
      };
    };
  };
  /** the number that is explained */
  target: {
    /** prompt, class, contrast or feature */
    kind: string;
    /** for the reader */
    name: string;
    /** logit, or feature for entries of the image embedding */
    unit: string;
    /** what is explained */
    value: number;
  };
  headline: string;
  methods: ({
    /** the map */
    attribution: {
      method: string;
      family: string;
      /** name and value of options that differ from the defaults */
      options: [string, string][];
      /** whether the values are in units of the target */
      in_logits: boolean;
      /** whether patches and elsewhere add up to the total in this run */
      complete: boolean;
      /** whether values can be negative (evidence against the target) */
      signed: boolean;
      /** rows × columns of the grid, row by row */
      patches: number[];
      /** what is not on the patches */
      elsewhere: number | null;
      /** what patches and elsewhere should add up to */
      total: number | null;
      patch_sum: number;
      /** patches and elsewhere */
      sum: number;
      /** total − sum */
      residual: number | null;
      /** how the value of a region is made of its patches: sum if in units of the target, otherwise mean */
      region_statistic: string;
      /** what elsewhere is made of, for methods that follow rules */
      ledger: {
        /** the learned class embedding */
        class_token: number;
        /** all position embeddings */
        position_embedding: number;
        /** in the order of the network */
        biases: {
          /** of the op that adds it */
          trace_point: string;
          contribution: number;
        }[];
        /** Σ|c| / |Σ c| over all sources */
        cancellation: number;
        /** (blocks + 1, 1 + patches): contributions of the residual stream's tokens, class token first */
        stream: number[][];
        /** what each op conserved */
        balances: {
          /** of the op's output */
          trace_point: string;
          op: string;
          rule: string;
          /** what came in at the output */
          output: number;
          /** what went on to the inputs */
          inputs: number;
          /** what the op's own parameter got */
          additive_term: number;
          /** output − inputs − additive_term */
          leak: number;
          /** Σ |contribution| over the output: the scale of rounding errors */
          size: number;
        }[];
      } | null;
      /** wall time of the method, where it was measured */
      seconds: number | null;
      notes: string[];
    };
    /** what the method computes */
    summary: string;
    /** publication */
    reference: string;
    /** in forward (F) and backward (B) passes */
    cost: string;
    /** rank correlation of the map with removal_effects */
    removal_correlation: number | null;
    /** a value for each region: attribution.region_statistic of its patches */
    regions: number[];
  })[];
  /** how many methods with a map were chosen */
  requested_methods: number;
  /** whether methods has only those that were finished */
  cancelled: boolean;
  /** (methods, methods): rank correlations of the maps; null if a map is constant */
  agreement: ((number | null)[])[];
  /** what the target loses without each patch; empty if not requested */
  removal_effects: number[];
  /** parts of the image, if requested */
  regions: {
    name: string;
    /** row-major indices into the grid */
    patches: number[];
  }[] | null;
  /** regions that got no patch */
  empty_regions: string[];
  /** the text side, if requested */
  words: {
    /** of the target */
    prompts: string[];
    /** of one prompt all words; of several the distinct ones */
    words: string[];
    /** of one prompt its words; of several the class name and the other words */
    pair_rows: string[];
    methods: ({
      method: string;
      /** whether the values are in units of the target */
      in_logits: boolean;
      /** a value for each word: a sum, or a mean if without a unit */
      values: number[];
      /** total − Σ values, if the method has a total */
      residual: number | null;
      /** wall time */
      seconds: number;
    })[];
    /** by methods that have pairs of a word and a patch */
    pairs: ({
      method: string;
      /** what the method computes */
      summary: string;
      /** for each of pair_rows a value of every patch */
      maps: number[][];
      /** for each of pair_rows the value without a patch */
      alone: number[];
      /** value of each patch without a word; may be empty */
      patches_alone: number[];
      /** sum over pairs of two words */
      word_pairs: number;
      /** sum over pairs of two patches */
      patch_pairs: number;
      /** total − Σ values, if the method has a total */
      residual: number | null;
      /** wall time */
      seconds: number;
      notes: string[];
    })[];
  } | null;
  /** name and value, for the reader */
  settings: [string, string][];
  /** for the reader */
  notes: string[];
}

/** whyclip concepts 1 */
export interface Concepts {
  format: "whyclip concepts 1";
  model: {
    /** the checkpoint's name */
    name: string;
    /** logit = this × cosine similarity */
    logit_scale: number;
  };
  image: {
    /** as the caller named it: a path */
    name: string;
    /** pixels, upright */
    width: number;
    /** pixels, upright */
    height: number;
    /** the whole image instead of the centre crop */
    whole: boolean;
    /** pixels that the model reads */
    input_width: number;
    /** pixels that the model reads */
    input_height: number;
    /** pixels of the model's input */
    patch_size: number;
    /** the patch grid */
    grid: {
      rows: number;
      columns: number;
      /** where the patches lie, in pixels of the image */
      area: {
        left: number;
        top: number;
        width: number;
        height: number;
      };
    };
  };
  headline: string;
  /** how many words, and how well they fit */
  summary: string;
  /** how the words were computed */
  description: string;
  /** the heaviest first */
  words: ({
    word: string;
    /** above 0 */
    weight: number;
    /** cosine of the word and the centred embedding */
    similarity: number;
    /** to the target, if there is one */
    contribution: number | null;
  })[];
  /** number of words to choose from */
  vocabulary: number;
  /** λ of ‖Σ w c − z‖² + 2 λ Σ w */
  penalty: number;
  /** the smallest λ for which no word is chosen */
  max_penalty: number;
  objective: number;
  duality_gap: number;
  /** length of the embedding less the mean */
  centred_norm: number;
  /** of the words' sum and the centred embedding */
  cosine: number | null;
  /** of the words' sum with the mean and the embedding */
  restored_cosine: number | null;
  /** what was subtracted from the embedding */
  mean: string;
  /** if a score is divided among the words */
  target: {
    /** prompt, class, contrast or feature */
    kind: string;
    /** for the reader */
    name: string;
    /** logit, or feature for entries of the image embedding */
    unit: string;
    /** what is explained */
    value: number;
  } | null;
  /** the parts of the target's value */
  score: {
    /** as the model computes it */
    value: number;
    /** contribution of the mean */
    mean: number;
    /** contribution of the chosen words */
    words: number;
    /** contribution of what no word says */
    rest: number;
    /** value − (mean + words + rest) */
    residual: number;
  } | null;
  /** images for the mean that could not be used */
  skipped: {
    /** as the caller named it: a path */
    name: string;
    /** why it could not be used */
    reason: string;
  }[];
  /** name and value, for the reader */
  settings: [string, string][];
  /** for the reader */
  notes: string[];
}

/** whyclip deoptimisation 1 */
export interface Deoptimisation {
  format: "whyclip deoptimisation 1";
  model: {
    /** the checkpoint's name */
    name: string;
    /** logit = this × cosine similarity */
    logit_scale: number;
  };
  image: {
    /** as the caller named it: a path */
    name: string;
    /** pixels, upright */
    width: number;
    /** pixels, upright */
    height: number;
    /** the whole image instead of the centre crop */
    whole: boolean;
    /** pixels that the model reads */
    input_width: number;
    /** pixels that the model reads */
    input_height: number;
    /** pixels of the model's input */
    patch_size: number;
    /** the patch grid */
    grid: {
      rows: number;
      columns: number;
      /** where the patches lie, in pixels of the image */
      area: {
        left: number;
        top: number;
        width: number;
        height: number;
      };
    };
  };
  /** the number that is explained */
  target: {
    /** prompt, class, contrast or feature */
    kind: string;
    /** for the reader */
    name: string;
    /** logit, or feature for entries of the image embedding */
    unit: string;
    /** what is explained */
    value: number;
  };
  headline: string;
  /** how the values were computed */
  description: string;
  /** that the steps descend */
  loss: string;
  /** what the steps change */
  variable: "patches" | "pixels";
  optimiser: "sgd" | "adam";
  steps: number;
  /** learning rate */
  rate: number;
  /** of the grid of cells: patches, or pixels of the model's input */
  rows: number;
  /** of the grid of cells */
  columns: number;
  /** restarts, then controls */
  runs: ({
    /** whether the loss has a random vector */
    control: boolean;
    /** before each step and after the last, without the penalties */
    losses: number[];
    /** ‖x − start‖ / ‖start‖ at the same steps */
    distances: number[];
    /** counted from 1 */
    diverged_after_step: number | null;
  })[];
  /** one for each channel reduction */
  changes: ({
    /** how the channels become one number */
    reduction: "mean" | "max" | "most-varied" | "boosted" | "norm";
    /** reason why the values are zero; empty if there is a map */
    no_map: string;
    /** mean over the restarts: rows × columns, row by row */
    patches: number[];
  })[];
  /** of the map that is checked */
  reduction: "mean" | "max" | "most-varied" | "boosted" | "norm";
  /** of removing each patch on the loss; empty if not requested: rows × columns, row by row */
  effects: number[];
  /** none if one of the two is constant or missing */
  check: {
    /** rank correlation of the map with the removal effects */
    removal: number | null;
    /** mean rank correlation of the controls' maps with the removal effects */
    control_removal: number | null;
    /** mean rank correlation of the map with the controls' maps */
    control: number | null;
  };
  /** large parts for files and images, if requested */
  detail: {
    /** the changes by cell, in the order of changes */
    maps: number[][];
    /** of a cell */
    channels: number;
    /** of the first run: (cells, channels), row by row */
    change: number[];
    /** the image as the first run changed its pixels */
    edited: {
      width: number;
      height: number;
      /** height × width × 3, from 0 to 255, row by row */
      rgb: number[];
    };
    /** of the first run, for an animation */
    frames: {
      step: number;
      /** the change by patch; empty if the variable is pixels */
      map: number[];
      /** the changed image; empty if the variable is patches */
      image: {
        width: number;
        height: number;
        /** height × width × 3, from 0 to 255, row by row */
        rgb: number[];
      };
    }[];
  } | null;
  /** name and value, for the reader */
  settings: [string, string][];
  /** for the reader */
  notes: string[];
}

/** whyclip evaluation 1 */
export interface Evaluation {
  format: "whyclip evaluation 1";
  model: {
    /** the checkpoint's name */
    name: string;
    /** logit = this × cosine similarity */
    logit_scale: number;
  };
  /** its name */
  dataset: string;
  images: number;
  /** of four images */
  mosaics: number;
  /** of the page */
  title: string;
  headline: string;
  metrics: {
    /** with the options that were set */
    name: string;
    category: string;
    /** the metric and its protocol */
    description: string;
    higher_is_better: boolean;
    /** whether a better value means a better map */
    ranked: boolean;
  }[];
  /** baselines last */
  methods: ({
    name: string;
    family: string;
    /** options that differ from the defaults */
    settings: string;
    /** whether its maps do not depend on the model */
    baseline: boolean;
    /** per image */
    seconds: number;
    /** by the mean rank, from 1 */
    rank: number;
    /** mean over the categories of the mean rank */
    mean_rank: number | null;
    /** in the order of metrics */
    values: ({
      /** over the images */
      value: number | null;
      /** of the 95 % bootstrap interval */
      low: number | null;
      /** of the 95 % bootstrap interval */
      high: number | null;
      /** with a value */
      images: number;
      /** why there is no value */
      reason: string;
    })[];
  })[];
  /** what follows from the values */
  ranking: {
    /** in the order of metrics; without ranks if not ranked */
    metrics: ({
      /** in the order of methods: from 1, baselines included; equal values share the best rank */
      ranks: (number | null)[];
      /** indices of methods that are not the best, but whose interval overlaps that of the best */
      may_be_best: number[];
      /** indices of methods whose interval overlaps that of the best baseline */
      like_random: number[];
      /** indices of methods whose whole interval is on the worse side of the best baseline's */
      worse_than_random: number[];
    })[];
    /** in the order of metrics */
    categories: ({
      name: string;
      /** indices of metrics */
      metrics: number[];
      /** mean ranks over its ranked metrics */
      ranking: {
        /** number of ranks that a method can have */
        possible: number;
        /** in the order of methods */
        means: ({
          rank: number;
          /** number of ranks in the mean */
          over: number;
          /** whether the mean is over at least half of the possible ranks */
          counts: boolean;
        } | null)[];
        /** indices of methods: means that count from the best, then the others, then methods without a mean */
        order: number[];
      };
    })[];
    /** mean ranks over the categories, with equal weights */
    overall: {
      /** number of ranks that a method can have */
      possible: number;
      /** in the order of methods */
      means: ({
        rank: number;
        /** number of ranks in the mean */
        over: number;
        /** whether the mean is over at least half of the possible ranks */
        counts: boolean;
      } | null)[];
      /** indices of methods: means that count from the best, then the others, then methods without a mean */
      order: number[];
    };
  };
  curves: ({
    /** of the fill */
    name: string;
    /** of removed patches */
    fractions: number[];
    /** in the order of methods: mean target value, most relevant patches removed first; may be empty */
    most_first: number[][];
    /** the same, least relevant patches removed first */
    least_first: number[][];
    /** mean over the fractions of each of most_first */
    most_first_mean: (number | null)[];
    /** mean over the fractions of each of least_first */
    least_first_mean: (number | null)[];
  })[];
  /** (metrics, metrics): rank correlation of two metrics over the methods that have both */
  agreement: ((number | null)[])[];
  /** on entries of the data set that are unused */
  remarks: {
    kind: string;
    /** whether the entries are whole images */
    images: boolean;
    /** of entries */
    count: number;
    /** the first of them */
    examples: string[];
  }[];
  /** images that could not be used, and why */
  skipped: Record<string, string>;
  /** whether it was stopped before the end */
  interrupted: boolean;
  /** name and value, for the reader */
  settings: [string, string][];
  /** for the reader */
  notes: string[];
}

/** whyclip explanation 1 */
export interface Explanation {
  format: "whyclip explanation 1";
  model: {
    /** the checkpoint's name */
    name: string;
    /** logit = this × cosine similarity */
    logit_scale: number;
  };
  image: {
    /** as the caller named it: a path */
    name: string;
    /** pixels, upright */
    width: number;
    /** pixels, upright */
    height: number;
    /** the whole image instead of the centre crop */
    whole: boolean;
    /** pixels that the model reads */
    input_width: number;
    /** pixels that the model reads */
    input_height: number;
    /** pixels of the model's input */
    patch_size: number;
    /** the patch grid */
    grid: {
      rows: number;
      columns: number;
      /** where the patches lie, in pixels of the image */
      area: {
        left: number;
        top: number;
        width: number;
        height: number;
      };
    };
  };
  /** the number that is explained */
  target: {
    /** prompt, class, contrast or feature */
    kind: string;
    /** for the reader */
    name: string;
    /** logit, or feature for entries of the image embedding */
    unit: string;
    /** what is explained */
    value: number;
  };
  /** whether the scores are of prompts instead of classes */
  of_prompts: boolean;
  /** in the classifier's order */
  scores: {
    /** class or prompt */
    name: string;
    /** cosine */
    similarity: number;
    logit: number;
    /** softmax over all rows */
    probability: number;
    explained: boolean;
  }[];
  headline: string;
  /** how the values were computed */
  description: string;
  /** the map */
  attribution: {
    method: string;
    family: string;
    /** name and value of options that differ from the defaults */
    options: [string, string][];
    /** whether the values are in units of the target */
    in_logits: boolean;
    /** whether patches and elsewhere add up to the total in this run */
    complete: boolean;
    /** whether values can be negative (evidence against the target) */
    signed: boolean;
    /** rows × columns of the grid, row by row */
    patches: number[];
    /** what is not on the patches */
    elsewhere: number | null;
    /** what patches and elsewhere should add up to */
    total: number | null;
    patch_sum: number;
    /** patches and elsewhere */
    sum: number;
    /** total − sum */
    residual: number | null;
    /** how the value of a region is made of its patches: sum if in units of the target, otherwise mean */
    region_statistic: string;
    /** what elsewhere is made of, for methods that follow rules */
    ledger: {
      /** the learned class embedding */
      class_token: number;
      /** all position embeddings */
      position_embedding: number;
      /** in the order of the network */
      biases: {
        /** of the op that adds it */
        trace_point: string;
        contribution: number;
      }[];
      /** Σ|c| / |Σ c| over all sources */
      cancellation: number;
      /** (blocks + 1, 1 + patches): contributions of the residual stream's tokens, class token first */
      stream: number[][];
      /** what each op conserved */
      balances: {
        /** of the op's output */
        trace_point: string;
        op: string;
        rule: string;
        /** what came in at the output */
        output: number;
        /** what went on to the inputs */
        inputs: number;
        /** what the op's own parameter got */
        additive_term: number;
        /** output − inputs − additive_term */
        leak: number;
        /** Σ |contribution| over the output: the scale of rounding errors */
        size: number;
      }[];
    } | null;
    /** wall time of the method, where it was measured */
    seconds: number | null;
    notes: string[];
  };
  /** attribution.residual */
  residual: number | null;
  /** direct effects of the network's components */
  components: {
    /** the class token before the first block */
    embedding: number;
    /** β of the first norm */
    embedding_bias: number;
    blocks: {
      /** what each head brings through the values that it reads */
      heads: number[];
      /** (heads, 1 + patches): the same by the token that is read, class token first */
      head_tokens: number[][];
      attention_bias: number;
      /** without its bias */
      mlp: number;
      mlp_bias: number;
      /** sum over the heads */
      attention: number;
      sum: number;
    }[];
    /** β of the last norm */
    last_bias: number;
    sum: number;
    /** target − sum */
    residual: number;
    /** Σ|c| / |Σ c| over all entries */
    cancellation: number;
  };
  /** values of parts of the image, if requested */
  regions: {
    name: string;
    /** row-major indices into the grid */
    patches: number[];
    /** sum or mean over the patches: attribution.region_statistic */
    contribution: number;
  }[] | null;
  /** regions that got no patch */
  empty_regions: string[];
  /** the text side, if requested */
  words: {
    target_kind: string;
    target_name: string;
    logit: number;
    prompts: {
      text: string;
      /** of its normalised embedding in the target */
      weight: number;
      /** longer than the model's context */
      truncated: boolean;
      /** weight × the prompt's own logit */
      logit: number;
      words: {
        text: string;
        /** first byte in the prompt */
        begin: number;
        /** byte behind the last */
        end: number;
        contribution: number;
        /** whether it is of the class's name */
        class_name: boolean;
        tokens: {
          piece: string;
          /** first byte in the prompt */
          begin: number;
          /** byte behind the last */
          end: number;
          contribution: number;
        }[];
      }[];
      /** the start token */
      start: number;
      /** the end-of-text token */
      end: number;
      /** all position embeddings */
      positions: number;
      biases: number;
      sum: number;
      /** logit − sum */
      residual: number;
    }[];
    /** of the class names in the prompts */
    class_words: number;
    other_words: number;
    /** the start tokens */
    start: number;
    /** the end-of-text tokens */
    end: number;
    /** all position embeddings */
    positions: number;
    /** in the order of the network */
    biases: {
      /** of the op that adds it */
      trace_point: string;
      contribution: number;
    }[];
    sum: number;
    /** logit − sum */
    residual: number;
    /** over all prompts, the largest first */
    words: {
      text: string;
      class_name: boolean;
      /** how often the prompts have it */
      count: number;
      /** over all prompts */
      contribution: number;
    }[];
  } | null;
  /** word × region, if requested */
  interaction: {
    target_kind: string;
    target_name: string;
    logit: number;
    /** rows */
    words: string[];
    /** columns; then class token, positions and biases */
    regions: string[];
    /** (words, regions), row by row */
    contributions: number[];
    word_sums: number[];
    region_sums: number[];
    sum: number;
    /** logit − sum */
    residual: number;
  } | null;
  /** whether the map holds against random orders, if requested */
  certificate: {
    verdict: "supported" | "weak" | "not better than random";
    /** the evidence in words, without the verdict */
    sentence: string;
    /** one-sided permutation test of the gain */
    p_value: number;
    /** area under the curve, most relevant first */
    deletion: number;
    /** area under the curve, least relevant first */
    insertion: number;
    /** insertion − deletion (symmetric relevance gain) */
    gain: number;
    /** of random orders, each before its reverse */
    random_gains: number[];
    /** mean target value over the random orders */
    random_curve: number[];
    /** area under random_curve */
    random_area: number;
    /** of the order from the centre outwards */
    gaussian_gain: number;
    /** |score − Σ contributions| / |score| */
    residual: number | null;
    /** rank correlation with maps of noisy images */
    stability: number | null;
    curves: {
      /** the most relevant patches removed first */
      most_first: {
        /** the target's value while patches are removed in equal steps */
        score: number[];
        /** 1 while the target class has the highest score; may be empty */
        correct: number[];
      };
      /** the least relevant patches removed first */
      least_first: {
        /** the target's value while patches are removed in equal steps */
        score: number[];
        /** 1 while the target class has the highest score; may be empty */
        correct: number[];
      };
    };
  } | null;
  /** name and value, for the reader */
  settings: [string, string][];
  /** for the reader */
  notes: string[];
}

/** whyclip heads 1 */
export interface Heads {
  format: "whyclip heads 1";
  model: {
    /** the checkpoint's name */
    name: string;
    /** logit = this × cosine similarity */
    logit_scale: number;
  };
  /** that were used */
  images: number;
  headline: string;
  /** how the words were computed */
  description: string;
  /** block by block */
  heads: {
    /** from 0 */
    block: number;
    /** from 0 */
    head: number;
    /** in the order of the choice */
    words: {
      word: string;
      /** fraction of the variance, after the words before it */
      explained: number;
    }[];
    /** fraction of the variance that all words explain */
    explained: number;
    /** of the head's vectors between the images */
    variance: number;
    /** dimensions of the span of its vectors */
    rank: number;
  }[];
  /** number of words to choose from */
  vocabulary: number;
  /** whether it was stopped before all images were used */
  interrupted: boolean;
  /** images that could not be used */
  skipped: {
    /** as the caller named it: a path */
    name: string;
    /** why it could not be used */
    reason: string;
  }[];
  /** name and value, for the reader */
  settings: [string, string][];
  /** for the reader */
  notes: string[];
}

/** whyclip inspection 1 */
export interface Inspection {
  format: "whyclip inspection 1";
  model: {
    /** the checkpoint's name */
    name: string;
    /** logit = this × cosine similarity */
    logit_scale: number;
  };
  image: {
    /** as the caller named it: a path */
    name: string;
    /** pixels, upright */
    width: number;
    /** pixels, upright */
    height: number;
    /** the whole image instead of the centre crop */
    whole: boolean;
    /** pixels that the model reads */
    input_width: number;
    /** pixels that the model reads */
    input_height: number;
    /** pixels of the model's input */
    patch_size: number;
    /** the patch grid */
    grid: {
      rows: number;
      columns: number;
      /** where the patches lie, in pixels of the image */
      area: {
        left: number;
        top: number;
        width: number;
        height: number;
      };
    };
  };
  /** the score that is inspected */
  target: {
    /** prompt, class, contrast or feature */
    kind: string;
    /** for the reader */
    name: string;
    /** logit, or feature for entries of the image embedding */
    unit: string;
    /** what is explained */
    value: number;
  };
  headline: string;
  /** how the values were computed */
  description: string;
  score: {
    target_kind: string;
    target_name: string;
    /** (projection): the image embedding z before normalisation */
    image: number[];
    /** (projection): the text embedding t before normalisation */
    text: number[];
    /** ‖z‖ */
    image_norm: number;
    /** ‖t‖ */
    text_norm: number;
    /** divisor of t: ‖t‖, or the prompts' mean length */
    text_unit: number;
    /** z·t */
    dot: number;
    /** cosine */
    similarity: number;
    logit_scale: number;
    /** recomposed: scale · cosine · ‖t‖ / unit */
    logit: number;
    /** the target's value as the model computes it */
    model_logit: number;
    /** (projection): z_k t_k */
    products: number[];
    /** (projection): in logits */
    contributions: number[];
    /** of the contributions */
    sum: number;
    /** model_logit − sum */
    residual: number;
  };
  /** classes or prompts, in the classifier's order */
  confidences: {
    /** class or prompt */
    name: string;
    /** cosine */
    similarity: number;
    logit: number;
    /** softmax over the cosines */
    unscaled: number;
    /** softmax over the logits */
    scaled: number;
    explained: boolean;
  }[];
  /** of both embeddings */
  histogram: {
    bins: {
      /** the lowest edge in widths */
      first: number;
      count: number;
      width: number;
    };
    /** (count + 1); a bin includes its lower edge */
    edges: number[];
    /** (count): values of the image embedding */
    image: number[];
    /** (count): values of the text embedding */
    text: number[];
  };
  /** |value| from which an index is listed */
  thresholds: {
    image: number;
    text: number;
  };
  /** indices whose values reach the thresholds */
  beyond: {
    /** |z| ≥ threshold, the largest |z| first */
    image: number[];
    /** |t| ≥ threshold, the largest |t| first */
    text: number[];
    /** in both lists, the largest product first */
    both: number[];
  };
  /** all indices, the largest |contribution| first */
  order: number[];
  /** name and value, for the reader */
  settings: [string, string][];
  /** for the reader */
  notes: string[];
}

/** whyclip methods 1 */
export interface Methods {
  format: "whyclip methods 1";
  /** sorted by family */
  methods: ({
    name: string;
    family: "contribution" | "gradient" | "attention" | "cam" | "clip" | "perturbation" | "optimisation" | "interaction" | "baseline";
    summary: string;
    /** publication and equation */
    reference: string;
    /** how the values are computed; may be empty */
    description: string;
    /** in forward (F) and backward (B) passes */
    cost: string;
    /** what it assigns values to */
    units: ("patches" | "pixels" | "regions" | "words" | "pairs")[];
    /** whether values can be negative (evidence against the target) */
    signed: boolean;
    /** whether the contributions add up to the score */
    complete: boolean;
    /** whether the values are in units of the target */
    in_logits: boolean;
    /** whether its values and elsewhere are parts of a total */
    has_total: boolean;
    /** whether it reports what each op conserves */
    balances: boolean;
    /** false: one map for all targets */
    depends_on_target: boolean;
    /** whether "all" includes it */
    in_all: boolean;
    /** whether it can remove regions that you choose */
    by_regions: boolean;
    options: {
      name: string;
      description: string;
      /** as text */
      default: string;
      /** in quick evaluations, as text; empty: the default */
      quick: string;
      /** allowed values; empty: a number */
      choices: string[];
      /** whether the number must be a whole one */
      whole: boolean;
      /** smallest number */
      least: number;
      /** largest number */
      most: number;
    }[];
  })[];
}

/** whyclip metrics 1 */
export interface Metrics {
  format: "whyclip metrics 1";
  /** sorted by category */
  metrics: ({
    name: string;
    /** what it measures of a map */
    category: "faithfulness" | "ground truth" | "localisation" | "robustness" | "randomisation" | "complexity";
    /** the better direction */
    better: "higher" | "lower" | "neither";
    /** logits; empty: none */
    unit: string;
    /** one line */
    summary: string;
    /** the exact definition */
    protocol: string;
    /** publication and equation */
    reference: string;
    /** what is stored of each image */
    statistics: string[];
    /** whether it runs the method on other images or models */
    reruns: boolean;
    /** whether it needs mosaics of four images */
    mosaics: boolean;
    options: {
      name: string;
      description: string;
      /** as text */
      default: string;
      /** in quick evaluations, as text; empty: the default */
      quick: string;
      /** allowed values; empty: a number */
      choices: string[];
      /** whether the number must be a whole one */
      whole: boolean;
      /** smallest number */
      least: number;
      /** largest number */
      most: number;
    }[];
  })[];
}

/** whyclip model 1 */
export interface Model {
  format: "whyclip model 1";
  name: string;
  /** CLIP */
  family?: string;
  /** hugging_face or open_clip */
  layout: string;
  /** the layout and the files in words */
  files?: string;
  weight_types: string;
  /** the same as weight_types */
  stored_as: string;
  /** of both towers */
  parameters: number;
  /** width of the joint space */
  projection: number;
  logit_scale: number;
  vision: {
    width: number;
    mlp_width: number;
    layers: number;
    heads: number;
    head_width: number;
    activation: string;
    layer_norm_epsilon: number;
    /** pixels a side */
    image_size: number;
    /** pixels a side */
    patch_size: number;
    /** of an image of image_size */
    patches: number;
  };
  text: {
    width: number;
    mlp_width: number;
    layers: number;
    heads: number;
    head_width: number;
    activation: string;
    layer_norm_epsilon: number;
    vocabulary: number;
    /** tokens */
    context_length: number;
    /** null: the largest id of a prompt */
    end_of_text: number | null;
  };
  preprocess: {
    /** height and width */
    crop: number[];
    /** of each channel */
    mean: number[];
    /** of each channel */
    standard_deviation: number[];
    /** every step */
    in_words?: string;
  };
  /** in words */
  tokenizer?: string;
  /** fields that the files leave out, with their defaults */
  filled?: string[];
  /** what follows from the tensors without a config */
  inferred?: string[];
  /** the key of cached text embeddings */
  text_hash: string;
  /** for the reader */
  notes: string[];
}

/** whyclip models 1 */
export interface Models {
  format: "whyclip models 1";
  /** the folder of repositories */
  cache: string;
  /** the folder of single files */
  file_cache: string;
  /** by name */
  models: {
    /** the repository of the hub, or the name of a single file */
    name: string;
    /** branches and tags that mean this commit */
    revisions: string[];
    /** empty for a single file */
    commit: string;
    /** what to open */
    path: string;
    /** of its files */
    bytes: number;
    /** hugging_face, open_clip, sentence_transformers or file */
    layout: string;
    /** as the configuration says; may be empty */
    family: string;
    /** whether every file that is needed is there */
    complete: boolean;
    /** files that an incomplete model lacks */
    missing: string[];
  }[];
  /** repositories of models that are no CLIP */
  others: number;
}

/** whyclip regions 1 */
export interface Regions {
  format: "whyclip regions 1";
  model: {
    /** the checkpoint's name */
    name: string;
    /** logit = this × cosine similarity */
    logit_scale: number;
  };
  image: {
    /** as the caller named it: a path */
    name: string;
    /** pixels, upright */
    width: number;
    /** pixels, upright */
    height: number;
    /** the whole image instead of the centre crop */
    whole: boolean;
    /** pixels that the model reads */
    input_width: number;
    /** pixels that the model reads */
    input_height: number;
    /** pixels of the model's input */
    patch_size: number;
    /** the patch grid */
    grid: {
      rows: number;
      columns: number;
      /** where the patches lie, in pixels of the image */
      area: {
        left: number;
        top: number;
        width: number;
        height: number;
      };
    };
  };
  method: string;
  /** logit, or feature for entries of the image embedding */
  unit: string;
  /** the regions, then class token, positions and biases */
  sources: {
    name: string;
    /** row-major indices into the grid; empty if it is no region */
    patches: number[];
  }[];
  /** how many of the sources are regions */
  regions: number;
  /** regions that got no patch */
  empty_regions: string[];
  /** in the order of the options */
  targets: {
    /** class, prompt or feature */
    name: string;
    /** in the table's unit */
    value: number;
    /** (sources) */
    contributions: number[];
    /** regions, as indices of sources, the largest first */
    positive: number[];
    /** the same for negative contributions */
    negative: number[];
  }[];
  /** indices of targets, as they are printed */
  order: number[];
  /** ‖Σ vectors − embedding‖ / ‖embedding‖ */
  completeness_error: number;
  /** if requested */
  vectors: {
    /** of the joint space */
    width: number;
    /** (sources, width), row by row: contributions to the image embedding */
    vectors: number[];
    /** (width): before normalisation */
    embedding: number[];
  } | null;
  /** name and value, for the reader */
  settings: [string, string][];
  /** for the reader */
  notes: string[];
}

/** whyclip removal 1 */
export interface Removal {
  format: "whyclip removal 1";
  model: {
    /** the checkpoint's name */
    name: string;
    /** logit = this × cosine similarity */
    logit_scale: number;
  };
  image: {
    /** as the caller named it: a path */
    name: string;
    /** pixels, upright */
    width: number;
    /** pixels, upright */
    height: number;
    /** the whole image instead of the centre crop */
    whole: boolean;
    /** pixels that the model reads */
    input_width: number;
    /** pixels that the model reads */
    input_height: number;
    /** pixels of the model's input */
    patch_size: number;
    /** the patch grid */
    grid: {
      rows: number;
      columns: number;
      /** where the patches lie, in pixels of the image */
      area: {
        left: number;
        top: number;
        width: number;
        height: number;
      };
    };
  };
  /** with the value of the whole image */
  target: {
    /** prompt, class, contrast or feature */
    kind: string;
    /** for the reader */
    name: string;
    /** logit, or feature for entries of the image embedding */
    unit: string;
    /** what is explained */
    value: number;
  };
  headline: string;
  /** how the values were computed */
  description: string;
  /** row-major indices into the grid, in ascending order */
  patches: number[];
  /** in the order of the call */
  ways: ({
    /** what replaces removed patches; drop: their tokens are not computed */
    fill: "drop" | "mean" | "blur" | "black" | "noise" | "road";
    /** the target's value without the patches */
    removed: number;
    /** the target's value with only the patches */
    only: number;
  })[];
  /** whether the scores are of prompts instead of classes */
  of_prompts: boolean;
  /** of the whole image, in the classifier's order */
  scores: {
    /** class or prompt */
    name: string;
    /** cosine */
    similarity: number;
    logit: number;
    /** softmax over all rows */
    probability: number;
    explained: boolean;
  }[];
  /** without the patches' tokens, in the same order */
  scores_removed: {
    /** class or prompt */
    name: string;
    /** cosine */
    similarity: number;
    logit: number;
    /** softmax over all rows */
    probability: number;
    explained: boolean;
  }[];
  /** name and value, for the reader */
  settings: [string, string][];
  /** for the reader */
  notes: string[];
}

/** whyclip rules 1 */
export interface Rules {
  format: "whyclip rules 1";
  rule_sets: {
    name: string;
    summary: string;
    /** publication */
    reference: string;
    /** backward, forward, aggregation or tracing */
    direction: string;
    /** gradient or relevance; empty without a rule table */
    quantity: string;
    /** whether the contributions add up to the score */
    complete: boolean;
    /** whether it can propagate regions forward */
    propagates_forward: boolean;
  }[];
  /** for tables of rules in files */
  rules: {
    name: string;
    description: string;
    /** name of the parameter; empty if there is none */
    parameter: string;
    /** of the parameter */
    default: number;
  }[];
}

/** whyclip tracing 1 */
export interface Tracing {
  format: "whyclip tracing 1";
  model: {
    /** the checkpoint's name */
    name: string;
    /** logit = this × cosine similarity */
    logit_scale: number;
  };
  image: {
    /** as the caller named it: a path */
    name: string;
    /** pixels, upright */
    width: number;
    /** pixels, upright */
    height: number;
    /** the whole image instead of the centre crop */
    whole: boolean;
    /** pixels that the model reads */
    input_width: number;
    /** pixels that the model reads */
    input_height: number;
    /** pixels of the model's input */
    patch_size: number;
    /** the patch grid */
    grid: {
      rows: number;
      columns: number;
      /** where the patches lie, in pixels of the image */
      area: {
        left: number;
        top: number;
        width: number;
        height: number;
      };
    };
  };
  /** the number that is explained */
  target: {
    /** prompt, class, contrast or feature */
    kind: string;
    /** for the reader */
    name: string;
    /** logit, or feature for entries of the image embedding */
    unit: string;
    /** what is explained */
    value: number;
  };
  headline: string;
  /** how the values were computed */
  description: string;
  /** published in float32 and in float64, and mended */
  variants: ({
    /** and the precision */
    rules: "published, float32" | "published, float64" | "mended";
    /** reason why it ended early; empty if it did not */
    failure: string;
    /** contributions in units of the target */
    map: {
      /** rows × columns of the grid, row by row */
      patches: number[];
      /** with its position */
      class_token: number;
      /** 0 if assigned to the tokens */
      biases: number;
      /** of all */
      sum: number;
    } | null;
    /** whether the biases have contributions of their own */
    own_biases: boolean;
    /** the target's value if the sum of the contributions were the embedding */
    value: number;
    /** the sum of the contributions */
    embedding: number[];
    /** op by op */
    steps: {
      /** of the op's output */
      trace_point: string;
      /** its kind */
      op: string;
      /** of the contributions' sum and the output */
      closeness: {
        /** ‖sum − value‖ / ‖value‖ */
        distance: number;
        cosine: number;
        /** ‖sum‖ / ‖value‖ */
        norm_ratio: number;
      };
    }[];
    /** peak memory of the contributions */
    peak_bytes: number;
    /** names of the rows of vectors */
    columns: string[];
    /** (columns, width), row by row: contributions to the embedding, if requested */
    vectors: number[];
  })[];
  /** in the order of the network */
  layers: ({
    name: string;
    trace_point: string;
    /** of the sum and the true value */
    published_float32: {
      /** ‖sum − value‖ / ‖value‖ */
      distance: number;
      cosine: number;
      /** ‖sum‖ / ‖value‖ */
      norm_ratio: number;
    } | null;
    /** of the sum and the true value */
    published_float64: {
      /** ‖sum − value‖ / ‖value‖ */
      distance: number;
      cosine: number;
      /** ‖sum‖ / ‖value‖ */
      norm_ratio: number;
    } | null;
    /** of the sum and the true value */
    mended: {
      /** ‖sum − value‖ / ‖value‖ */
      distance: number;
      cosine: number;
      /** ‖sum‖ / ‖value‖ */
      norm_ratio: number;
    } | null;
    /** of the published sums */
    float32_against_float64: {
      cosine: number;
      /** relative to the sum in float64 */
      distance: number;
    } | null;
  })[];
  /** the model's own, before normalisation */
  embedding: number[];
  /** relative distance above which an op departs */
  tolerance: number;
  /** the first of the published rules in float64 */
  departure: {
    step: {
      /** of the op's output */
      trace_point: string;
      /** its kind */
      op: string;
      /** of the contributions' sum and the output */
      closeness: {
        /** ‖sum − value‖ / ‖value‖ */
        distance: number;
        cosine: number;
        /** ‖sum‖ / ‖value‖ */
        norm_ratio: number;
      };
    };
    /** the rule that causes it */
    reason: string;
  } | null;
  /** the published rules exchanged one by one, if requested */
  ablations: ({
    name: string;
    /** of two traced operands */
    product: "full" | "half-split";
    activation: "ratio" | "mended";
    layer_norm: "ratio" | "mended";
    softmax: "ratio" | "mended";
    /** threshold of the branch for small ratios */
    small_ratio: number | null;
    /** equal parts, or entries of their own */
    biases: "equal" | "own";
    /** of the contributions' sum and the embedding */
    closeness: {
      /** ‖sum − value‖ / ‖value‖ */
      distance: number;
      cosine: number;
      /** ‖sum‖ / ‖value‖ */
      norm_ratio: number;
    };
    /** Σ|c| / Σ|Σ c| */
    cancellation: number;
    /** trace point; empty if none */
    first_departure: string;
  })[];
  /** heading and sentence */
  findings: [string, string][];
  /** name and value, for the reader */
  settings: [string, string][];
  /** for the reader */
  notes: string[];
}

export type Result =
  | Classification
  | Comparison
  | Concepts
  | Deoptimisation
  | Evaluation
  | Explanation
  | Heads
  | Inspection
  | Methods
  | Metrics
  | Model
  | Models
  | Regions
  | Removal
  | Rules
  | Tracing;
